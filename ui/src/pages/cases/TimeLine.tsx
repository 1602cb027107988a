import Heading from '@splunk/react-ui/Heading';
import styled from 'styled-components';

import type { HistoryEntry } from '../../api/answers';
import { Muted, Panel } from '../../components/layout';
import { At } from '../../components/When';

const List = styled.ol`
    display: flex;
    flex-direction: column;
    gap: 8px;
    margin: 0;
    padding: 0;
    list-style: none;
    li {
        display: grid;
        grid-template-columns: 150px minmax(0, 1fr);
        gap: 12px;
        overflow-wrap: anywhere;
    }
`;

/** What has happened, oldest first. */
export function TimeLine({ entries }: { entries: HistoryEntry[] }) {
    return (
        <Panel>
            <Heading level={2}>Timeline</Heading>
            <List>
                {entries.map((entry, number) => (
                    <li key={number}>
                        <Muted>
                            <At at={entry.at} />
                        </Muted>
                        <span>
                            {entry.text}
                            {entry.by && <Muted> by {entry.by}</Muted>}
                        </span>
                    </li>
                ))}
            </List>
        </Panel>
    );
}
