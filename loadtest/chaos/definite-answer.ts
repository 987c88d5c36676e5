import { VenueRefusal } from '../client/http-json.ts';
import { outcomeOfRefusal } from './replies.ts';

/** The answer, or whether it is a refusal for certain; what the connection or the venue leaves open is `unknown`. */
export async function definiteAnswer<Answer>(
  ask: () => Promise<Answer>,
): Promise<Answer | 'refused' | 'unknown'> {
  try {
    return await ask();
  } catch (error) {
    return error instanceof VenueRefusal ? outcomeOfRefusal(error.code) : 'unknown';
  }
}
