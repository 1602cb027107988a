/** What the queue can be filtered by, as the endpoint `cases` takes it, kept in the page's address. */
import { pageOf } from '../../live/pages';

export const FILTERS = ['state', 'severity', 'account', 'actor', 'owner', 'assignee', 'detection', 'find', 'sort'] as const;
export type Filter = (typeof FILTERS)[number];
export const PAGE_SIZE = 50;

export const STATES: [string, string][] = [
    ['', 'All cases'],
    ['approval', 'Waiting for approval'],
    ['attention', 'Needing attention'],
    ['working', 'In progress'],
    ['excused', 'Excused'],
];
export const SEVERITIES: [string, string][] = [
    ['', 'Any severity'],
    ['critical', 'Critical'],
    ['high', 'High and above'],
    ['medium', 'Medium and above'],
    ['low', 'Low and above'],
];
/** `@me` stands for whoever asks. */
export const ASSIGNED: [string, string][] = [
    ['', 'Anybody'],
    ['@me', 'Me'],
];
export const SORTS: [string, string][] = [
    ['', 'Newest first'],
    ['oldest', 'Oldest first'],
    ['severity', 'Most severe first'],
];
/** Chosen by a click on a value, and shown as something to take away. */
export const CHOSEN: [Filter, string][] = [
    ['account', 'Account'],
    ['actor', 'Actor'],
    ['owner', 'Alert owner'],
    ['assignee', 'Assigned to'],
    ['detection', 'Detection'],
    ['find', 'Found by'],
];

/** The body for the endpoint. */
export function question(address: URLSearchParams): Record<string, string | number> {
    const body: Record<string, string | number> = { count: PAGE_SIZE, page: pageOf(address) };
    for (const name of FILTERS) {
        const value = address.get(name);
        if (value) body[name] = value;
    }
    return body;
}

export function isFiltered(address: URLSearchParams): boolean {
    return FILTERS.some((name) => name !== 'sort' && address.get(name));
}
