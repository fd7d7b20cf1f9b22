/** Loudness of each level, from whispering to twice what the voice has by itself. */
const GAINS = [0.12, 0.3, 0.6, 1, 2] as const;
export const LEVELS = GAINS.length;

/** Plays a WAV file, given in base64. @returns seconds until it is over, and what breaks it off; null where nothing can play. */
export async function playWav(base64: string, level: number): Promise<{ seconds: number; stop: () => void } | null> {
  if (typeof AudioContext === 'undefined') return null;
  const audio = new AudioContext();
  const stop = () => void audio.close().catch(() => undefined);
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const sound = await audio.decodeAudioData(bytes.buffer);
    const source = audio.createBufferSource();
    const volume = audio.createGain();
    volume.gain.value = GAINS[level - 1] ?? 1;
    source.buffer = sound;
    source.connect(volume).connect(audio.destination);
    source.start();
    return { seconds: sound.duration, stop };
  } catch {
    stop();
    return null;
  }
}
