import { useCallback, useEffect, useState } from 'react';

/** The parameters of the page's address: what is chosen on a page can be bookmarked, and the back button works. */
export function useAddress(): [URLSearchParams, (changes: Record<string, string>, replace?: boolean) => void] {
    const [search, setSearch] = useState(window.location.search);
    useEffect(() => {
        const moved = () => setSearch(window.location.search);
        window.addEventListener('popstate', moved);
        return () => window.removeEventListener('popstate', moved);
    }, []);
    const go = useCallback((changes: Record<string, string>, replace = false) => {
        const address = addressWith(window.location.search, changes);
        if (replace) window.history.replaceState(null, '', address);
        else window.history.pushState(null, '', address);
        setSearch(window.location.search);
    }, []);
    return [new URLSearchParams(search), go];
}

/** The address of this page with other parameters; an empty value takes one away. */
export function addressWith(search: string, changes: Record<string, string>): string {
    const parameters = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
        if (value) parameters.set(name, value);
        else parameters.delete(name);
    }
    const query = parameters.toString();
    return `${window.location.pathname}${query ? `?${query}` : ''}`;
}
