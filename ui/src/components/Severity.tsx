import variables from '@splunk/themes/variables';
import styled from 'styled-components';

const COLORS = {
    critical: variables.accentColorAlert,
    high: variables.accentColorWarning,
    medium: variables.contentColorInfo,
    low: variables.accentColorPositive,
    informational: variables.contentColorMuted,
} as const;
const Dot = styled.span<{ $level: keyof typeof COLORS }>`
    display: inline-flex;
    gap: 6px;
    align-items: center;
    white-space: nowrap;
    &::before {
        content: '';
        flex: none;
        width: 10px;
        height: 10px;
        border-radius: ${({ $level }) => ($level === 'critical' || $level === 'high' ? '1px' : '50%')};
        background-color: ${({ $level }) => COLORS[$level]};
    }
`;

/** The word says it, not only the color. */
export function Severity({ level }: { level: string }) {
    const known = level in COLORS ? (level as keyof typeof COLORS) : 'informational';
    return <Dot $level={known}>{level ? level.charAt(0).toUpperCase() + level.slice(1) : 'Unknown'}</Dot>;
}
