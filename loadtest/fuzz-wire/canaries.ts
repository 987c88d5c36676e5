import { isRefused, type Judge, judge } from './expectation.ts';

/** What a session holds the venue to. */
export interface Expectations {
  readonly name: string;
  readonly judge: Judge;
  /** Whether the venue's state may have changed after these answers. */
  readonly mayChange: (answers: Parameters<typeof isRefused>[0]) => boolean;
}

/** The contract as it is. */
export const CONTRACT: Expectations = {
  name: 'the contract',
  judge,
  mayChange: (answers) => !isRefused(answers),
};

/** Expectations that are wrong on purpose: a fuzzer that is worth anything finds each of them broken. */
export const CANARIES: readonly Expectations[] = [
  {
    ...CONTRACT,
    name: 'every frame is answered with status 400',
    judge: (wireCase, answers) => {
      const isElse = answers.frames.some(({ status }) => status !== undefined && status !== 400);
      return isElse ? 'another status' : judge(wireCase, answers);
    },
  },
  {
    ...CONTRACT,
    name: 'what cannot be read is not answered',
    judge: (wireCase, answers) => {
      const isParseError = answers.frames.some(({ error, status }) => {
        return status === undefined && (error as { code?: unknown } | undefined)?.code === 4002;
      });
      return isParseError ? 'an answer' : judge(wireCase, answers);
    },
  },
  { ...CONTRACT, name: 'nothing ever changes the state', mayChange: () => false },
];
