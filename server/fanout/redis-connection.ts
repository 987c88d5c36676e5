import { Redis } from 'ioredis';
import { firstLine, type Log } from '../log.ts';
import { REDIS_FAN_OUT_OPTIONS } from './redis-fan-out.ts';

/** A connection for the fan-out, which says once when Redis is away and once when it is back. */
export function connectRedis(redisUrl: string, log: Log): Redis {
  const redis = new Redis(redisUrl, REDIS_FAN_OUT_OPTIONS);
  let isAway = false;
  let reason = 'the connection was closed';
  redis.on('error', (error: Error) => {
    reason = firstLine(error);
  });
  redis.on('reconnecting', () => {
    if (!isAway)
      log.error(`Redis is away (${reason}): nothing is published there until it is back`);
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) log.info('Redis is back');
    isAway = false;
  });
  return redis;
}
