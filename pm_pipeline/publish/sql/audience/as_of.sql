-- The instant that the publication counts up to.
select max_by(as_of, published_at) as as_of from quality.publications;
