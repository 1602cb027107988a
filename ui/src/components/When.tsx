import { absolute, duration, relative } from '../live/times';
import { useNow } from '../live/useNow';

/** A moment: how long ago, and exactly when on hover and for screen readers. */
export function When({ at }: { at: number }) {
    const now = useNow();
    if (!at) return <span>–</span>;
    return (
        <time dateTime={new Date(at * 1000).toISOString()} title={absolute(at)}>
            {relative(at, now)}
        </time>
    );
}

/** Exactly when. */
export function At({ at }: { at: number }) {
    return <time dateTime={new Date(at * 1000).toISOString()}>{absolute(at)}</time>;
}

/** How much time is left until then. */
export function TimeLeft({ until }: { until: number }) {
    const now = useNow();
    const left = until - now;
    return (
        <time dateTime={new Date(until * 1000).toISOString()} title={absolute(until)}>
            {left > 0 ? `${duration(left)} left` : 'time is over'}
        </time>
    );
}
