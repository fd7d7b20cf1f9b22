import type { Sound } from './store.ts';

/** Each sound as notes: pitch in Hz and length in seconds. Calm, never shrill. */
const tunes: Record<Sound, readonly (readonly [number, number])[]> = {
  attention: [
    [659, 0.18],
    [880, 0.34],
  ],
  warning: [
    [587, 0.22],
    [587, 0.3],
  ],
  alert: [
    [698, 0.3],
    [880, 0.3],
    [698, 0.3],
    [880, 0.5],
  ],
  'left-behind': [
    [784, 0.2],
    [659, 0.2],
    [784, 0.2],
    [659, 0.36],
  ],
};

const GAP = 0.06;
const LOUDNESS = 0.22;

/** Plays a sound by itself, without a file. */
export function playSound(sound: Sound): void {
  if (typeof AudioContext === 'undefined') return;
  const audio = new AudioContext();
  let at = audio.currentTime + 0.02;
  for (const [pitch, length] of tunes[sound]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = 'sine';
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
    volume.gain.linearRampToValueAtTime(0, at + length);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length);
    at += length + GAP;
  }
  setTimeout(() => void audio.close(), (at - audio.currentTime) * 1000 + 200);
}
