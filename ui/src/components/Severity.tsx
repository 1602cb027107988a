import variables from '@splunk/themes/variables';

import { Dot } from './Dot';

const COLORS = {
    critical: variables.accentColorAlert,
    high: variables.accentColorWarning,
    medium: variables.contentColorInfo,
    low: variables.accentColorPositive,
    informational: variables.contentColorMuted,
} as const;

/** The word says it, not only the color. */
export function Severity({ level }: { level: string }) {
    const known = level in COLORS ? (level as keyof typeof COLORS) : 'informational';
    return (
        <Dot $color={COLORS[known]} $isSquare={known === 'critical' || known === 'high'}>
            {level ? level.charAt(0).toUpperCase() + level.slice(1) : 'Unknown'}
        </Dot>
    );
}
