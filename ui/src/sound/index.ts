/**
 * Three short sounds, made on the spot: no files. They differ in pitch, number and shape, so each
 * is told from the others with the back turned to the screen.
 */
export type Sound = 'scan' | 'error' | 'paid';

interface Note {
  hertz: number;
  startS: number;
  lengthS: number;
  shape: OscillatorType;
}

const NOTES: Record<Sound, Note[]> = {
  scan: [{ hertz: 1760, startS: 0, lengthS: 0.06, shape: 'sine' }],
  error: [
    { hertz: 220, startS: 0, lengthS: 0.14, shape: 'square' },
    { hertz: 196, startS: 0.18, lengthS: 0.2, shape: 'square' },
  ],
  paid: [
    { hertz: 880, startS: 0, lengthS: 0.09, shape: 'sine' },
    { hertz: 1318.5, startS: 0.1, lengthS: 0.16, shape: 'sine' },
  ],
};

const LOUDNESS: Record<OscillatorType, number> = {
  sine: 0.2,
  square: 0.06,
  sawtooth: 0.06,
  triangle: 0.15,
  custom: 0.1,
};

let context: AudioContext | null = null;
let enabled = true;

/** Turns all sounds on or off. */
export function setSounds(on: boolean): void {
  enabled = on;
}

/** Plays a sound at once; a machine without sound output stays silent. */
export function play(sound: Sound): void {
  if (!enabled || typeof AudioContext === 'undefined') return;
  try {
    context ??= new AudioContext();
    if (context.state === 'suspended') void context.resume();
    const now = context.currentTime;
    for (const note of NOTES[sound]) strike(context, note, now);
  } catch {
    // A till without an audio device still sells.
    context = null;
  }
}

function strike(audio: AudioContext, note: Note, now: number): void {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  const start = now + note.startS;
  const end = start + note.lengthS;
  oscillator.type = note.shape;
  oscillator.frequency.value = note.hertz;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(LOUDNESS[note.shape], start + 0.005);
  gain.gain.linearRampToValueAtTime(0, end);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(end + 0.02);
}
