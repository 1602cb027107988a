import Button from '@splunk/react-ui/Button';
import Chip from '@splunk/react-ui/Chip';
import Link from '@splunk/react-ui/Link';
import Select from '@splunk/react-ui/Select';
import Text from '@splunk/react-ui/Text';
import { type ReactNode, useState } from 'react';
import styled from 'styled-components';

import { Code, Row, Spread } from '../../components/layout';
import { Title } from '../../components/Title';
import { Empty, Failed, Loading } from '../../components/Told';
import { pageOf } from '../../live/pages';
import { useLive } from '../../live/useLive';
import { ASSIGNED, CHOSEN, type Filter, isFiltered, PAGE_SIZE, question, SEVERITIES, SORTS, STATES } from './filters';
import { QueueTable } from './QueueTable';

type Go = (changes: Record<string, string>, replace?: boolean) => void;

const Controls = styled(Row)`
    margin-bottom: 12px;
`;

/** Dimmed while another question is being answered. */
const Rows = styled.div`
    &[aria-busy='true'] {
        opacity: 0.6;
    }
`;

/** All cases, filtered, sorted and paged by the server; it stays up to date by itself. */
export function Queue({ address, go }: { address: URLSearchParams; go: Go }) {
    const { data, failure, isOld, refresh } = useLive('cases', question(address), { keep: true });
    const page = pageOf(address);
    const choose = (name: Filter, value: string) => go({ [name]: value, page: '' });
    const chosen = CHOSEN.filter(([name]) => name !== 'assignee' && address.get(name));
    const isRefused = failure?.isForbidden ?? false;
    return (
        <>
            <Spread>
                <Title part="cases">Cases</Title>
                {!isRefused && <Find find={(value) => choose('find', value)} />}
            </Spread>
            {!isRefused && (
                <Controls role="group" aria-label="Filters">
                    <Choice label="State" options={STATES} value={address.get('state')} choose={(v) => choose('state', v)} />
                    <Choice
                        label="Severity"
                        options={SEVERITIES}
                        value={address.get('severity')}
                        choose={(v) => choose('severity', v)}
                    />
                    <Choice
                        label="Assigned to"
                        options={known(ASSIGNED, address.get('assignee'))}
                        value={address.get('assignee')}
                        choose={(v) => choose('assignee', v)}
                    />
                    <Choice label="Order" options={SORTS} value={address.get('sort')} choose={(v) => choose('sort', v)} />
                    {chosen.map(([name, label]) => (
                        <Chip key={name} onRequestRemove={() => choose(name, '')}>
                            {label}: {address.get(name)}
                        </Chip>
                    ))}
                </Controls>
            )}
            {failure && <Failed what="Cases" failure={failure} retry={refresh} isStale={data !== undefined} />}
            {!data && !failure && <Loading what="cases" />}
            {data && data.cases.length > 0 && (
                <Rows aria-busy={isOld}>
                    <QueueTable cases={data.cases} address={address} choose={choose} />
                </Rows>
            )}
            {data?.cases.length === 0 && <NoCases isFiltered={isFiltered(address) || page > 0} go={go} />}
            {data?.is_cut && <p>Only the newest cases of this state are listed. Choose a severity to see others.</p>}
            {data && (page > 0 || data.more) && (
                <Pages page={page} shown={data.cases.length} more={data.more} turn={(to) => go({ page: String(to + 1) })} />
            )}
        </>
    );
}

/** The options, and what is chosen though it is none of them. */
function known(options: [string, string][], value: string | null): [string, string][] {
    return value && !options.some(([name]) => name === value) ? [...options, [value, value]] : options;
}

function Choice({
    label,
    options,
    value,
    choose,
}: {
    label: string;
    options: [string, string][];
    value: string | null;
    choose: (value: string) => void;
}) {
    return (
        <Select
            prefixLabel={label}
            value={value ?? ''}
            onChange={(_, { value: chosen }) => choose(String(chosen))}
            style={{ maxWidth: 280 }}
        >
            {options.map(([name, text]) => (
                <Select.Option key={name} label={text} value={name} />
            ))}
        </Select>
    );
}

function Find({ find }: { find: (value: string) => void }) {
    const [value, setValue] = useState('');
    return (
        <form
            role="search"
            onSubmit={(event) => {
                event.preventDefault();
                if (value.trim()) find(value.trim());
            }}
        >
            <Row>
                <Text
                    aria-label="Ticket or case ID"
                    placeholder="Ticket or case ID"
                    value={value}
                    onChange={(_, { value: typed }) => setValue(typed)}
                    style={{ width: 220 }}
                />
                <Button label="Find" type="submit" />
            </Row>
        </form>
    );
}

function NoCases({ isFiltered: filtered, go }: { isFiltered: boolean; go: Go }): ReactNode {
    if (filtered) {
        const none = Object.fromEntries([...CHOSEN.map(([name]) => [name, '']), ['state', ''], ['severity', ''], ['page', '']]) as Record<string, string>;
        return (
            <Empty title="No case matches">
                <p>
                    <Button label="Show all cases" onClick={() => go(none)} />
                </p>
            </Empty>
        );
    }
    return (
        <Empty title="There is no case yet">
            <p>
                A case opens when an alert with an action of this app finds something: <i>Create Jira ticket</i>,{' '}
                <i>Remediate in AWS</i>, <i>Notify Slack</i>, <i>Notify</i> or{' '}
                <i>Dispatch to AWS</i>.
            </p>
            <p>
                An administrator sets that up on the page{' '}
                <Link to="getting_started">Getting started</Link>, and the response of each detection on{' '}
                <Link to="detections">Detections</Link>. That nothing was found is good news if <Code>| responderhealth</Code> shows nothing red.
            </p>
        </Empty>
    );
}

function Pages({
    page,
    shown,
    more,
    turn,
}: {
    page: number;
    shown: number;
    more: boolean;
    turn: (page: number) => void;
}) {
    const first = page * PAGE_SIZE + 1;
    return (
        <nav aria-label="Pages of the list">
            <Spread style={{ marginTop: 12 }}>
                <span role="status">{shown > 0 ? `Cases ${first} to ${first + shown - 1}` : `Page ${page + 1}`}</span>
                <Row>
                    <Button label="Previous" disabled={page === 0} onClick={() => turn(page - 1)} />
                    <Button label="Next" disabled={!more} onClick={() => turn(page + 1)} />
                </Row>
            </Spread>
        </nav>
    );
}
