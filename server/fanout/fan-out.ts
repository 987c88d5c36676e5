/**
 * Where public frames go. A frame is encoded once, `{"data":…,"stream":…}`, and handed here; every
 * implementation sends exactly these bytes. At most once: sequences in the frames let a listener
 * notice what it missed.
 */
export interface FanOut {
  /** False when nobody would get the frame, so that it need not be encoded. */
  wants(stream: string): boolean;
  publish(stream: string, frame: string): void;
  close(): Promise<void>;
}
