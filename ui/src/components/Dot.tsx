import type variables from '@splunk/themes/variables';
import styled from 'styled-components';

type Color = (typeof variables)['accentColorAlert' | 'accentColorNegative' | 'accentColorPositive' | 'accentColorWarning' | 'contentColorInfo' | 'contentColorMuted'];

/** A colored mark before a word. Its shape differs, too, for those who cannot tell the colors apart. */
export const Dot = styled.span<{ $color: Color; $isSquare: boolean }>`
    display: inline-flex;
    gap: 6px;
    align-items: center;
    &::before {
        content: '';
        flex: none;
        width: 10px;
        height: 10px;
        border-radius: ${({ $isSquare }) => ($isSquare ? '1px' : '50%')};
        background-color: ${({ $color }) => $color};
    }
`;
