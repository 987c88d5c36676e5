/** The command line is wrong; the message is the one line for the user. */
export class OptionError extends Error {
  override name = 'OptionError';
}
