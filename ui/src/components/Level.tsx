import variables from '@splunk/themes/variables';

import { Dot } from './Dot';

/** Levels of a check: the word for people, and the color beside it. */
const LEVELS = {
    green: ['Works', variables.accentColorPositive],
    amber: ['Limited', variables.accentColorWarning],
    red: ['Fails', variables.accentColorNegative],
} as const;

/** The word says it, not only the color. */
export function Level({ level, text }: { level: string; text?: string }) {
    const known = level in LEVELS ? (level as keyof typeof LEVELS) : 'amber';
    return (
        <Dot $color={LEVELS[known][1]} $isSquare={known !== 'green'}>
            {text ?? LEVELS[known][0]}
        </Dot>
    );
}
