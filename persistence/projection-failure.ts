/**
 * The projection cannot go on and no retry can help: the database will not take what there is to
 * write, or events are missing, or a spool cannot be written.
 */
export class ProjectionFailure extends Error {
  override name = 'ProjectionFailure';
  readonly code = 'PROJECTION_FAILED';
}
