insert into quality.restatements select * from restatements
