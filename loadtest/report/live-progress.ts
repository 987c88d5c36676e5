/** Where a running load test is: what the driver says a few times a second, and the live view shows. */
export interface LiveProgress {
  readonly scenario: string;
  readonly phase: LivePhase;
  /** Of this phase. */
  readonly elapsedMs: number;
  /** Of this phase; 0 when nobody knows. */
  readonly totalMs: number;
  /** Requests a second, over the last second or so: what the schedule asks for, and what became of it. */
  readonly intendedPerSecond: number;
  readonly sentPerSecond: number;
  readonly acknowledgedPerSecond: number;
  readonly refusedPerSecond: number;
  /** Of `ack`, over the last second or so; absent when nothing was answered. */
  readonly ackP50Us?: number;
  readonly ackP99Us?: number;
  readonly ackMaxUs?: number;
  /** Sends behind their intended moment by more than a millisecond, since the measured part began. */
  readonly lateSends: number;
  /** Events that the database lacks; absent when the venue does not tell. */
  readonly databaseLagEvents?: number;
}

export type LivePhase = 'set-up' | 'warm-up' | 'measuring' | 'draining' | 'auditing';

/** Shows a running load test to whoever waits for it. */
export interface LiveView {
  /** May be called as often as one likes. */
  update(progress: LiveProgress): void;
  /** Leaves the screen to what is printed next; the view is not used after it. */
  end(): void;
}
