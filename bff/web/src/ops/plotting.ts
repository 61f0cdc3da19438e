// How uPlot is told to draw: colours from the tokens, time below, values from 0 at the left.
import type uPlot from 'uplot'
import { clock } from './format'

const HEIGHT = 160
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [1, 4]]

/** The token and the class that a line has its colour from; what goes beyond them begins anew. */
export const lineOf = (index: number) => `line-${(index % DASHES.length) + 1}`

const token = (element: HTMLElement, name: string) => getComputedStyle(element).getPropertyValue(name).trim()

function axis(element: HTMLElement, rest: uPlot.Axis): uPlot.Axis {
  const line = { stroke: token(element, '--line'), width: 1 }
  return { stroke: token(element, '--ink-soft'), font: '12px system-ui, sans-serif', grid: line, ticks: line, ...rest }
}

export function optionsOf(
  element: HTMLElement,
  names: string[],
  range: () => [from: number, to: number],
  format: (value: number | null) => string,
  pointed: (index: number | null) => void,
): uPlot.Options {
  const series = names.map((_, index) => ({
    stroke: token(element, `--${lineOf(index)}`),
    width: 2,
    dash: DASHES[index % DASHES.length],
    points: { show: false },
    spanGaps: false,
  }))
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, sync: { key: 'ops' } },
    scales: { x: { time: true, range }, y: { range: (_, __, highest) => [0, (highest || 1) * 1.1] } },
    axes: [
      axis(element, { space: 90, values: (_, times) => times.map(clock) }),
      axis(element, { size: 64, space: 32, values: (_, values) => values.map(format) }),
    ],
    series: [{}, ...series],
    hooks: {
      setCursor: [
        (plot) => pointed(plot.cursor.left !== undefined && plot.cursor.left >= 0 ? (plot.cursor.idx ?? null) : null),
      ],
    },
  }
}
