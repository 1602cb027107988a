import styled from 'styled-components';

import type { Change } from '../api/answers';
import { Diff } from './Diff';
import { Code, Muted, Strong } from './layout';

const List = styled.ul`
    display: flex;
    flex-direction: column;
    gap: 14px;
    margin: 0 0 12px;
    padding: 0;
    list-style: none;
    p {
        margin: 0 0 6px;
        overflow-wrap: anywhere;
    }
`;

/** What is done, or would be, resource by resource. */
export function ChangeList({ changes }: { changes: Change[] }) {
    return (
        <List>
            {changes.map((change, number) => (
                <li key={number}>
                    <p>
                        <Strong>{change.summary || change.resource}</Strong>
                    </p>
                    <p>
                        <Code>{change.resource}</Code>{' '}
                        <Muted>
                            {[change.resource_type, change.region].filter(Boolean).join(', ')}
                        </Muted>
                    </p>
                    <Diff lines={change.diff} />
                    {change.blast_radius.map((sentence) => <p key={sentence}>Who would notice: {sentence}</p>)}
                    {change.verified !== '' && (
                        <p>
                            {change.verified === 'yes' ? 'Verified' : 'Not verified'}
                            {change.observed && `: ${change.observed}`}
                        </p>
                    )}
                </li>
            ))}
        </List>
    );
}
