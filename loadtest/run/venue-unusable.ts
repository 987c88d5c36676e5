/** The venue cannot be used; the message is the one line for the user. */
export class VenueUnusable extends Error {
  override name = 'VenueUnusable';
}
