import Button from '@splunk/react-ui/Button';
import variables from '@splunk/themes/variables';
import { useState } from 'react';
import styled from 'styled-components';

const Lines = styled.pre`
    max-height: 320px;
    margin: 0;
    padding: 10px 12px;
    overflow: auto;
    border: 1px solid ${variables.borderColor};
    border-radius: ${variables.borderRadius};
    background-color: ${variables.backgroundColorPage};
    color: ${variables.contentColorActive};
    font-family: ${variables.monoFontFamily};
    font-size: 0.95em;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
`;

/** A text to take elsewhere, as it is. `what` names it for people. */
export function Copied({ what, text }: { what: string; text: string }) {
    const [said, setSaid] = useState('');
    const copy = async (): Promise<void> => {
        try {
            await navigator.clipboard.writeText(text);
            setSaid('Copied.');
        } catch {
            // Without TLS a browser gives no page the clipboard.
            setSaid('Your browser does not allow that here. Select the text and copy it.');
        }
    };
    return (
        <div>
            {/* Long ones scroll: the keyboard has to get there. */}
            <Lines tabIndex={0} role="region" aria-label={what}>
                {text}
            </Lines>
            <div style={{ marginTop: 8 }}>
                <Button label={`Copy ${what}`} onClick={() => void copy()} /> <span role="status">{said}</span>
            </div>
        </div>
    );
}
