// Draws the page's charts and moves them to the range that the reader chooses.
// Expressions are interpreted, not compiled: the page's policy forbids eval.
(() => {
  "use strict";
  const page = JSON.parse(document.getElementById("page-data").textContent);
  const views = [];

  const asObjects = ({ fields, rows }) =>
    rows.map((row) => Object.fromEntries(fields.map((field, place) => [field, row[place]])));

  const chosenStart = () => {
    const chosen = document.querySelector('input[name="range"]:checked');
    return chosen ? Number(chosen.value) : 0;
  };

  // Months are too long for the shorter ranges; events are of one week.
  const whole = ["growth-month", "events", "events-compared", "goal", "goal-share", "expected", "funnel", "heat",
    "curve", "stages", "score"];
  const obeysRange = (chart) => !whole.includes(chart.kind);

  const draw = async (place) => {
    const chart = page.charts[place.dataset.chart];
    const values = {
      since: obeysRange(chart) ? chosenStart() : 0,
      label_width: place.clientWidth < 480 ? 120 : 240,
      ...chart.parameters,
    };
    const { params = [], ...looks } = page.specs[chart.kind];
    const spec = {
      ...looks,
      height: chart.parameters.height || looks.height,
      description: chart.description,
      datasets: { figures: asObjects(chart) },
      params: params.map((param) =>
        param.name in values ? { ...param, value: values[param.name] } : param),
    };
    const drawn = await vegaEmbed(place, spec, {
      mode: "vega-lite",
      renderer: "svg",
      ast: true,
      actions: false,
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true, theme: "page" },
    });
    // The picture is one thing with one description; a table beside it holds the figures.
    const picture = place.querySelector("svg");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", spec.description);
    picture.removeAttribute("aria-roledescription");
    if (obeysRange(chart)) views.push(drawn.view);
  };

  const begun = new Set();

  // A hidden place has no width: what it holds is drawn when it is shown.
  const drawShown = async () => {
    let state = "drawn";
    for (const place of document.querySelectorAll(".view.shown [data-chart]")) {
      if (begun.has(place)) continue;
      begun.add(place);
      try {
        await draw(place);
      } catch (problem) {
        state = "failed";
        console.error(problem);
        const words = document.createElement("p");
        words.className = "failed";
        words.textContent = "This picture could not be drawn; the table below has the figures.";
        place.replaceChildren(words);
      }
    }
    document.documentElement.dataset.charts = state;
  };

  const pages = [...document.querySelectorAll(".view")];
  const overviewTitle = document.title;

  const showPage = async () => {
    const wanted = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    const page = (wanted && wanted.closest(".view")) || pages[0];
    const isNew = !page.classList.contains("shown");
    for (const other of pages) other.classList.toggle("shown", other === page);
    document.title = page.dataset.title
      ? `${page.dataset.title} – ${overviewTitle}` : overviewTitle;
    if (isNew) {
      document.documentElement.removeAttribute("data-charts");
      if (wanted) wanted.scrollIntoView();
    }
    await drawShown();
  };

  document.addEventListener("change", (event) => {
    if (event.target.name !== "range") return;
    for (const view of views) {
      view.signal("since", chosenStart()).runAsync();
    }
  });

  // What a link leads to must not hide behind the bar, however many lines that has.
  const bar = document.querySelector(".bar");
  const leaveRoom = () => {
    document.documentElement.style.scrollPaddingTop = `${bar.offsetHeight + 12}px`;
  };
  leaveRoom();
  window.addEventListener("resize", leaveRoom);

  document.documentElement.classList.add("paged");
  window.addEventListener("hashchange", showPage);
  showPage();
})();
