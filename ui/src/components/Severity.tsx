import variables from '@splunk/themes/variables';

import { Dot } from './Dot';

const COLORS = {
    critical: variables.accentColorNegative,
    high: variables.accentColorAlert,
    medium: variables.accentColorWarning,
    low: variables.contentColorInfo,
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
