// Draws two signal flags for an ID. The same ID always has the same flags, so that users recognise each other at a glance.

const SVG = 'http://www.w3.org/2000/svg';
const LIGHT = ['#fbf6e9', '#f5c12e'];
const DARK = ['#d8402f', '#1f62ad', '#1b2633', '#1b7f68'];

/** SVG paths in a field of 60 × 44. The figure is drawn in one colour over a ground of another. */
const DESIGNS = [
  'M30 0h30v44h-30z',
  'M0 0h60v22h-60z',
  'M24 0h12v16h24v12h-24v16h-12v-16h-24v-12h24z',
  'M0 0h8l22 16 22-16h8v6l-22 16 22 16v6h-8l-22-16-22 16h-8v-6l22-16-22-16z',
  'M30 4 56 22 30 40 4 22z',
  'M16 12h28v20h-28z',
  'M0 0h30v22h30v22h-30v-22h-30z',
  'M0 0h60v10h-60zM0 34h60v10h-60z',
  'M0 0 60 44V0z',
  'M20 0h20v44h-20z',
  'M30 9a13 13 0 1 0 0 26 13 13 0 0 0 0-26z',
  'M0 0 30 22 0 44z',
];

/** Draws the flags of `id` into `element`, or none if there is no ID. */
export function hoistFlags(element, id) {
  element.replaceChildren();
  if (!id) return;
  const svg = shape('svg', { viewBox: '0 0 60 96', role: 'img', 'aria-label': `Signal flags of ${id}` });
  const hash = hashOf(id);
  svg.append(flag(hash & 0xffff, 0), flag(hash >>> 16, 52));
  element.append(svg);
}

function flag(number, y) {
  const design = DESIGNS[number % DESIGNS.length];
  const light = LIGHT[(number >>> 5) % LIGHT.length];
  const dark = DARK[(number >>> 7) % DARK.length];
  const [ground, figure] = (number >>> 10) & 1 ? [light, dark] : [dark, light];
  const group = shape('g', { transform: `translate(0 ${y})` });
  group.append(shape('path', { d: 'M0 0h60v44h-60z', fill: ground }), shape('path', { d: design, fill: figure }));
  return group;
}

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}

/** FNV-1a with a final mix, so that similar IDs have different flags. */
function hashOf(text) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
