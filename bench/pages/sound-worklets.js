// The two worklets of pages/sound.js, which make and detect beeps in the audio thread.
/* global AudioWorkletProcessor, registerProcessor, sampleRate */

/** Hertz, recognised by counting zero crossings. They take turns, so that no beep is mistaken for the previous one. */
const PITCHES = [600, 1200, 2400];
const LOUDNESS = 0.5;
const BEEP_S = 0.03;
const SPACING_S = 0.4;

/** The level that counts as sound. Silence after the codec is far below it. */
const THRESHOLD = 0.1;
/** Silence before a beep. */
const SILENCE_S = 0.1;
/** The part of a beep by which its pitch is recognised. */
const JUDGED_S = 0.015;

class Mouth extends AudioWorkletProcessor {
  /** Samples since the current beep began. */
  #position = Infinity;
  #pitch = -1;

  /** @param {Float32Array[][]} _ @param {Float32Array[][]} outputs */
  process(_, [[output]]) {
    // Beeps begin at the start of a block, so that the block's time is the beep's time.
    if (this.#position >= SPACING_S * sampleRate) this.#begin();
    for (let n = 0; n < output.length; n++) output[n] = this.#nextSample();
    return true;
  }

  #begin() {
    this.#position = 0;
    this.#pitch = (this.#pitch + 1) % PITCHES.length;
    this.port.postMessage({ pitch: this.#pitch, at: Date.now() });
  }

  #nextSample() {
    const seconds = this.#position++ / sampleRate;
    return seconds < BEEP_S ? LOUDNESS * Math.sin(2 * Math.PI * PITCHES[this.#pitch] * seconds) : 0;
  }
}

class Ear extends AudioWorkletProcessor {
  /** Samples since the last loud one. */
  #silence = 0;
  /** @type {{ at: number, samples: number, crossings: number, last: number } | undefined} */
  #beep;

  /** @param {Float32Array[][]} inputs */
  process([[input = new Float32Array()]]) {
    const now = Date.now();
    for (let n = 0; n < input.length; n++) this.#take(input[n], now + (1000 * n) / sampleRate);
    return true;
  }

  /** @param {number} sample @param {number} at */
  #take(sample, at) {
    const isLoud = Math.abs(sample) > THRESHOLD;
    if (isLoud && this.#silence > SILENCE_S * sampleRate) this.#beep = { at, samples: 0, crossings: 0, last: sample };
    this.#silence = isLoud ? 0 : this.#silence + 1;
    if (this.#beep) this.#judge(this.#beep, sample);
  }

  /** @param {NonNullable<Ear['#beep']>} beep @param {number} sample */
  #judge(beep, sample) {
    if (sample < 0 !== beep.last < 0) beep.crossings++;
    beep.last = sample;
    if (++beep.samples < JUDGED_S * sampleRate) return;
    this.#beep = undefined;
    this.port.postMessage({ pitch: nearestPitch(beep.crossings / 2 / JUDGED_S), at: beep.at });
  }
}

/** @param {number} hertz */
function nearestPitch(hertz) {
  const distances = PITCHES.map((pitch) => Math.abs(Math.log(hertz / pitch)));
  return distances.indexOf(Math.min(...distances));
}

registerProcessor('mouth', Mouth);
registerProcessor('ear', Ear);
