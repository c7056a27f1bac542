/** A short, soft two-tone sound, made here: no file, no library. Silent where sound is blocked. */
export function playWaiting(): void {
  try {
    const audio = new AudioContext();
    const volume = audio.createGain();
    volume.connect(audio.destination);
    volume.gain.setValueAtTime(0.0001, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.12, audio.currentTime + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.4);
    for (const [start, pitch] of [
      [0, 587],
      [0.12, 784],
    ] as const) {
      const tone = audio.createOscillator();
      tone.frequency.value = pitch;
      tone.connect(volume);
      tone.start(audio.currentTime + start);
      tone.stop(audio.currentTime + 0.42);
      tone.onended = () => void audio.close().catch(() => {});
    }
  } catch {
    // No sound device: the title and the list still say it.
  }
}
