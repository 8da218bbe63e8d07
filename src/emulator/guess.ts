/** A behaviour of the emulator which no evidence about the real service settles. */
export interface Guess {
  /** What the emulator does, in one sentence. */
  readonly says: string;
  /** The operations in which it shows. */
  readonly where: readonly string[];
}
