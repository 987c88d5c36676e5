/** Phases of a run that take turns: in the first all behave, in the second the bad clients are there, and so on. */
export interface Phases {
  /** A multiple of 1,000. */
  readonly lengthMs: number;
  /**
   * What happens at the beginning of each is of neither kind: connections come, what waits is worked off. A multiple
   * of 1,000.
   */
  readonly settleMs: number;
}

export type Phase = 'quiet' | 'bad';

/** @param atMs since the start of the measured part; undefined before it, and while a phase settles */
export function phaseAt({ lengthMs, settleMs }: Phases, atMs: number): Phase | undefined {
  if (atMs < 0 || atMs % lengthMs < settleMs) return undefined;
  return isBad(Math.floor(atMs / lengthMs)) ? 'bad' : 'quiet';
}

/** When the bad clients come and go, in ms since the start of the measured part. */
export function badPhases(
  { lengthMs }: Phases,
  durationMs: number,
): { readonly fromMs: number; readonly toMs: number }[] {
  const phases = Math.floor(durationMs / lengthMs);
  return Array.from({ length: phases }, (_, phase) => phase)
    .filter(isBad)
    .map((phase) => ({ fromMs: phase * lengthMs, toMs: (phase + 1) * lengthMs }));
}

function isBad(phase: number): boolean {
  return phase % 2 === 1;
}
