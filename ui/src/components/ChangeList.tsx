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

/** A plan to undo says this of each change itself; what an undo has done does not. */
const TAKEN_BACK = 'Take back: ';

/** What is done, or would be, resource by resource. `isUndo`: the summaries are of what is taken back. */
export function ChangeList({ changes, isUndo = false }: { changes: Change[]; isUndo?: boolean }) {
    return (
        <List>
            {changes.map((change, number) => (
                <li key={number}>
                    <p>
                        <Strong>
                            {isUndo && change.summary && !change.summary.startsWith(TAKEN_BACK) && TAKEN_BACK}
                            {change.summary || change.resource}
                        </Strong>
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
