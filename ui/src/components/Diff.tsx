import ScreenReaderContent from '@splunk/react-ui/ScreenReaderContent';
import variables from '@splunk/themes/variables';
import styled from 'styled-components';

const Lines = styled.div`
    padding: 8px 0;
    border: 1px solid ${variables.borderColor};
    border-radius: ${variables.borderRadius};
    background-color: ${variables.backgroundColorPage};
    font-family: ${variables.monoFontFamily};
    font-size: 0.95em;
`;
const Line = styled.div<{ $sign: string }>`
    padding: 1px 10px;
    border-left: 3px solid
        ${({ $sign }) =>
            $sign === '-' ? variables.accentColorNegative : $sign === '+' ? variables.accentColorPositive : 'transparent'};
    white-space: pre-wrap;
    overflow-wrap: anywhere;
`;

const SAID: Record<string, string> = { '-': 'Before: ', '+': 'After: ' };

/** How a resource was and how it is then. */
export function Diff({ lines }: { lines: string[] }) {
    if (lines.length === 0) return null;
    return (
        <Lines data-test="diff">
            {lines.map((line, number) => (
                <Line $sign={line[0] ?? ''} key={number}>
                    <ScreenReaderContent>{SAID[line[0] ?? ''] ?? ''}</ScreenReaderContent>
                    {line}
                </Line>
            ))}
        </Lines>
    );
}
