// Draws each figure from the table below it, so that the plot and the table never differ.
// Without this script the tables stand alone.
"use strict";

(() => {
  const high = document.documentElement.dataset.contrast === "high";
  const ink = high ? "#fff" : "#24313f";
  const soft = high ? "#555" : "#d5dce4";
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const written = { color: ink, fontSize: Math.round(0.8 * rem) };
  const shades = high ? ["#222", "#ffe14d"] : ["#f3f7fb", "#0b4f9e"];
  const palette = high
    ? ["#ffe14d", "#8ce0ac", "#ffb4ab", "#9ecbff", "#fff", "#d7b4ff", "#ffc27a"]
    : ["#0b4f9e", "#d9730d", "#1a6b3c", "#b3261e", "#6f42c1", "#5a6775", "#a07800"];
  // A yellow card is yellow and a red one red; the pattern tells them apart besides.
  const ladder = high
    ? ["#fff", "#9ecbff", "#8ce0ac", "#ffe14d", "#ff8a80", "#d7b4ff", "#ffc27a"]
    : ["#8a97a6", "#0b4f9e", "#1a6b3c", "#e0b000", "#b3261e", "#6f42c1", "#3b2a1a"];

  const read = (section) => {
    const columns = [...section.querySelectorAll("thead th")].map((cell) => ({
      code: cell.dataset.code,
      label: cell.textContent,
    }));
    const rows = [...section.querySelectorAll("tbody tr")].map((row) => ({
      name: row.querySelector("th").textContent,
      values: [...row.querySelectorAll("td")].map((cell) =>
        cell.dataset.value === "" ? null : Number(cell.dataset.value)),
    }));
    const place = Object.fromEntries(columns.map((column, number) => [column.code, number - 1]));
    return {
      rows,
      names: rows.map((row) => row.name),
      column: (code) => rows.map((row) => row.values[place[code]]),
      label: (code) => columns[place[code] + 1].label,
      // The columns between the first and the sum at the end.
      parts: columns.slice(1, -1),
    };
  };

  const percent = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)}%`);
  const axis = (more) => ({
    axisLabel: written,
    axisLine: { lineStyle: { color: ink } },
    splitLine: { lineStyle: { color: soft } },
    nameTextStyle: written,
    ...more,
  });
  // Units stand one below the other, the first on top, with room for their names.
  const units = (names) => axis({
    type: "category", data: names, inverse: true, axisLabel: { ...written, width: 9.5 * rem, overflow: "truncate" },
  });
  const common = (more) => ({
    animation: false,
    aria: { enabled: true, decal: { show: true } },
    color: palette,
    textStyle: { ...written, fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow" } },
    legend: { type: "scroll", top: 0, itemWidth: 30, itemHeight: 16, textStyle: written, pageTextStyle: written },
    grid: { left: 12, right: 24, top: 48, bottom: 12, containLabel: true },
    ...more,
  });
  const tall = (rows, each = 34) => Math.max(15 * rem, 7 * rem + (rows * each * rem) / 16);

  // A whisker from one value to another across each bar: the interval of a rate.
  const whisker = (name, low, high, index, of) => ({
    name, type: "custom", silent: true, z: 5, tooltip: { show: false },
    data: low.map((from, row) => [row, from, high[row]]).filter((one) => one[1] !== null),
    encode: { x: [1, 2], y: 0 },
    itemStyle: { color: ink, decal: { symbol: "none" } },
    renderItem: (_, api) => {
      const band = api.size([0, 1])[1];
      const shift = ((index + 0.5) / of - 0.5) * band * 0.78;
      const [from, y] = api.coord([api.value(1), api.value(0)]);
      const [to] = api.coord([api.value(2), api.value(0)]);
      const middle = y + shift;
      const shape = [[from, middle, to, middle], [from, middle - 4, from, middle + 4], [to, middle - 4, to, middle + 4]];
      const stroke = (colour, lineWidth) => shape.map(([x1, y1, x2, y2]) => (
        { type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth } }));
      return { type: "group", children: [...stroke("#000", 4), ...stroke("#fefefe", 1.5)] };
    },
  });

  const ladders = (table) => ({
    height: tall(table.rows.length),
    option: common({
      color: ladder,
      xAxis: axis({ type: "value", minInterval: 1 }),
      yAxis: units(table.names),
      series: table.parts.map((part) => ({
        name: part.label, type: "bar", stack: "all", barMaxWidth: 26, data: table.column(part.code),
      })),
    }),
  });

  const heat = (table, narrow) => {
    const cells = table.parts.flatMap((part, x) => table.column(part.code).map((count, y) => [x, y, count]));
    const most = Math.max(1, ...cells.map((cell) => cell[2]));
    const turn = high ? 0.45 : 0.75; // of the most, where a number is read better in the other ink
    return {
      height: tall(table.rows.length),
      option: common({
        aria: { enabled: true, decal: { show: false } }, // the number stands in each cell
        legend: { show: false },
        tooltip: { trigger: "item", renderMode: "richText", confine: true,
          formatter: (one) => `${table.names[one.value[1]]}\n${table.parts[one.value[0]].label}: ${one.value[2]}` },
        grid: { left: 12, right: 24, top: 36, bottom: 12, containLabel: true },
        xAxis: axis({ type: "category", position: "top", axisLabel: { ...written, interval: 0, overflow: "break", width: narrow ? 2.5 * rem : 6 * rem },
          data: table.parts.map((part) => part.label) }),
        yAxis: units(table.names),
        visualMap: { show: false, min: 0, max: most, inRange: { color: shades } },
        series: [{ type: "heatmap", data: cells.map((cell) => ({
          value: cell,
          label: { show: cell[2] > 0, fontSize: written.fontSize, color: cell[2] / most > turn === high ? "#000" : "#fff" },
        })) }],
      }),
    };
  };

  const draw = {
    rates: (table) => {
      const rates = ["response", "solution", "satisfaction"];
      return {
        height: tall(table.rows.length, 84),
        option: common({
          tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow" },
            valueFormatter: percent },
          xAxis: axis({ type: "value", min: 0, max: 1, axisLabel: { ...written, formatter: (value) => `${Math.round(100 * value)}%` } }),
          yAxis: units(table.names),
          series: [
            ...rates.map((rate) => ({
              name: table.label(rate), type: "bar", barCategoryGap: "22%", barGap: "0%", data: table.column(rate),
            })),
            ...rates.map((rate, index) => whisker(table.label(rate), table.column(`${rate}_low`),
              table.column(`${rate}_high`), index, rates.length)),
          ],
        }),
      };
    },
    funnel: (table, narrow) => ({
      height: 21 * rem,
      option: common({
        legend: { show: false },
        tooltip: { trigger: "item", renderMode: "richText", confine: true },
        series: [{
          type: "funnel", sort: "none", top: 8, bottom: 8, left: "2%", width: narrow ? "40%" : "68%", gap: 3, minSize: "2%",
          label: { position: "right", ...written,
            formatter: (one) => `${one.name}  ${one.value}  ${percent(table.column("share")[one.dataIndex])}` },
          labelLine: { lineStyle: { color: ink } },
          data: table.rows.map((row) => ({ name: row.name, value: row.values[0] })),
        }],
      }),
    }),
    flow: (table) => ({
      height: 21 * rem,
      option: common({
        xAxis: axis({ type: "category", data: table.names }),
        yAxis: [
          axis({ type: "value", minInterval: 1, name: `${table.label("received")} / ${table.label("ended")}`, nameTextStyle: { ...written, align: "left" } }),
          axis({ type: "value", minInterval: 1, name: table.label("open"), splitLine: { show: false }, nameTextStyle: { ...written, align: "right" } }),
        ],
        grid: { left: 12, right: 12, top: 72, bottom: 12, containLabel: true },
        series: [
          { name: table.label("received"), type: "bar", data: table.column("received") },
          { name: table.label("ended"), type: "bar", data: table.column("ended") },
          { name: table.label("open"), type: "line", yAxisIndex: 1, symbol: "circle", symbolSize: 6,
            lineStyle: { width: 2 }, data: table.column("open") },
        ],
      }),
    }),
    ages: heat,
    kinds: heat,
    levels: ladders,
    handling: (table) => ({
      height: tall(table.rows.length, 48),
      option: common({
        legend: { show: false },
        tooltip: { trigger: "item", renderMode: "richText", confine: true, formatter: (one) =>
          [table.names[one.dataIndex], ...["n", "least", "lower", "middle", "upper", "most"].map((code) =>
            `${table.label(code)}: ${table.column(code)[one.dataIndex]}`)].join("\n") },
        xAxis: axis({ type: "value", min: 0 }),
        yAxis: units(table.names),
        series: [{
          type: "boxplot", itemStyle: { borderColor: palette[0], borderWidth: 2, color: soft },
          data: table.rows.map((row) => row.values.slice(1)),
        }],
      }),
    }),
    overdue: (table) => {
      const limit = (code, type) => ({
        name: table.label(code), type: "line", symbol: "none", step: code === "centre" ? false : "middle",
        lineStyle: { type, width: 1.5 }, data: table.column(code),
      });
      return {
        height: 20 * rem,
        option: common({
          tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: percent },
          xAxis: axis({ type: "category", data: table.names }),
          yAxis: axis({ type: "value", min: 0, axisLabel: { ...written, formatter: (value) => `${Math.round(100 * value)}%` } }),
          series: [
            { name: table.label("rate"), type: "line", symbol: "circle", symbolSize: 9, lineStyle: { width: 2 },
              data: table.column("rate") },
            limit("centre", "solid"), limit("low", "dashed"), limit("high", "dotted"),
          ],
        }),
      };
    },
  };

  for (const section of document.querySelectorAll("[data-figure]")) {
    const plot = section.querySelector(".plot");
    if (!plot) continue;
    const { option, height } = draw[section.dataset.figure](read(section), section.clientWidth < 40 * rem);
    plot.hidden = false;
    plot.style.height = `${height}px`;
    const chart = echarts.init(plot, null, { renderer: "svg" });
    const about = [...section.querySelectorAll("h2, h2 + p")].map((one) => one.textContent).join(" ");
    option.aria.label = { description: about };
    chart.setOption(option);
    new ResizeObserver(() => chart.resize()).observe(plot);
  }
})();
