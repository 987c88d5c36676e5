/**
 * The venue cannot be used, or not for what was asked: the scenario cannot be run here; the message is the one line
 * for the user.
 */
export class VenueUnusable extends Error {
  override name = 'VenueUnusable';
}
