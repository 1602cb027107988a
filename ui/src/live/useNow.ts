import { useEffect, useState } from 'react';

/** Epoch seconds, anew every `every` seconds. */
export function useNow(every = 15): number {
    const [now, setNow] = useState(() => Date.now() / 1000);
    useEffect(() => {
        const timer = window.setInterval(() => setNow(Date.now() / 1000), every * 1000);
        return () => window.clearInterval(timer);
    }, [every]);
    return now;
}
