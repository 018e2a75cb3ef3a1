// All figures, in the order of the table.
import { measureCallAudio } from './call-audio.mjs';
import { measureCallCpu } from './call-cpu.mjs';
import { measureCallLatency } from './call-latency.mjs';
import { measureCallQuality } from './call-quality.mjs';
import { measureCallStart } from './call-start.mjs';
import { measureConnect } from './connect.mjs';
import { measureJson } from './json.mjs';
import { measureOutrunMemory, measureStreamMemory } from './memory.mjs';
import { measureRoundTrip } from './round-trip.mjs';
import { measureScript } from './script.mjs';
import { measureStall } from './stall.mjs';
import { measureDistantStart, measureStart } from './start.mjs';
import { measureThroughput } from './throughput.mjs';

/** @type {Record<string, (bench: import('../bench.mjs').Bench) => Promise<import('../row.mjs').Row[]>>} */
export const FIGURES = {
  throughput: measureThroughput,
  stall: measureStall,
  'round-trip': measureRoundTrip,
  json: measureJson,
  start: measureStart,
  'distant-start': measureDistantStart,
  connect: measureConnect,
  memory: measureStreamMemory,
  outrun: measureOutrunMemory,
  script: measureScript,
  'call-start': measureCallStart,
  'call-latency': measureCallLatency,
  'call-audio': measureCallAudio,
  'call-quality': measureCallQuality,
  'call-cpu': measureCallCpu,
};
