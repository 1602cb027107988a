import type { PlaybookRow, Playbooks, Readiness } from '../../api/answers';

/** From the least to the most. */
export const MODES = ['simulate', 'approve', 'enforce'];
export const SHOWN: [string, string][] = [
    ['', 'All'],
    ['armed', 'May change something'],
    ['simulate', 'Only simulate'],
    ['ceiling', 'With their own limit'],
    ['own', 'Your own (Dispatch tab)'],
];

/** The rows that have every word of `find` somewhere, and are of the kind `show`. */
export function chosen(rows: PlaybookRow[], find: string, show: string): PlaybookRow[] {
    const words = find.toLowerCase().split(/\s+/).filter(Boolean);
    return rows.filter((row) => isOf(row, show) && words.every((word) => text(row).includes(word)));
}

function isOf(row: PlaybookRow, show: string): boolean {
    if (show === 'armed') return row.mode !== 'simulate';
    if (show === 'simulate') return row.mode === 'simulate';
    if (show === 'own') return row.own;
    return show !== 'ceiling' || row.ceiling !== '';
}

function text(row: PlaybookRow): string {
    return [row.playbook, row.title, row.does, row.risk, ...row.accepts, ...row.detections].join(' ').toLowerCase();
}

/** The most that it may do with another ceiling of its own. */
export function modeWith(all: Playbooks, ceiling: string): string {
    return MODES[Math.min(rank(all.ceiling), ceiling ? rank(ceiling) : MODES.length - 1)] ?? 'simulate';
}

function rank(mode: string): number {
    return Math.max(0, MODES.indexOf(mode));
}

/** What AWS allows in an account: of one playbook, or why nothing is known of the whole account. */
export function cellOf(cells: Readiness[], playbook: string): Readiness | undefined {
    return cells.find((cell) => cell.playbook === playbook) ?? cells.find((cell) => !cell.playbook);
}
