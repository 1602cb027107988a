import type { Health, HealthMember, Said } from '../../api/answers';

/** One check with all that it says, and when it was run. */
export interface CheckRun {
    check: string;
    level: string;
    lines: Said[];
    at: number;
}

const LEVELS = ['green', 'amber', 'red'];

export function worst(levels: string[]): string {
    return LEVELS[Math.max(0, ...levels.map((level) => LEVELS.indexOf(level)))] ?? 'green';
}

/** The lines of an answer by check, in its order. */
export function byCheck(health: Health): CheckRun[] {
    const found = new Map<string, Said[]>();
    for (const line of health.lines) found.set(line.check, [...(found.get(line.check) ?? []), line]);
    return [...found].map(([check, lines]) => ({
        check,
        lines,
        level: worst(lines.map((line) => line.level)),
        at: health.looked_at,
    }));
}

/** All checks as they were run last: `later` are answers about some of them, the newest at the end. */
export function newest(first: Health, later: Health[]): { checks: CheckRun[]; members: HealthMember[] } {
    const runs = new Map(later.flatMap(byCheck).map((run) => [run.check, run]));
    const members = later.filter((health) => health.members.length > 0).at(-1)?.members ?? first.members;
    return { checks: byCheck(first).map((run) => runs.get(run.check) ?? run), members };
}

/** `2 fail, 1 is limited, 20 work`. */
export function summary(checks: CheckRun[]): string {
    const count = (level: string) => checks.filter((run) => run.level === level).length;
    const [works, limited, fails] = [count('green'), count('amber'), count('red')];
    const parts = [
        fails && `${fails} ${fails === 1 ? 'fails' : 'fail'}`,
        limited && `${limited} ${limited === 1 ? 'is' : 'are'} limited`,
        works && `${works} ${works === 1 ? 'works' : 'work'}`,
    ];
    return parts.filter(Boolean).join(', ');
}
