/** As documented in its README; it ships no types. */
declare module 'fs-native-extensions' {
  /** Asks for an exclusive lock on a whole file, open for writing; false when another open file has it. */
  export function tryLock(file: number): boolean;
}
