import Button from '@splunk/react-ui/Button';
import Table from '@splunk/react-ui/Table';

import type { PlaybookRow, Playbooks, Readiness } from '../../api/answers';
import { Code, Facts, Muted } from '../../components/layout';
import { HelpLink } from '../../components/HelpLink';
import { Level } from '../../components/Level';
import { Severity } from '../../components/Severity';
import type { Opened } from './dialogs';
import type { Column } from './Permissions';
import { cellOf } from './rows';

const READY: Record<string, [string, string]> = {
    ready: ['green', 'Ready'],
    missing: ['red', 'Missing'],
    unknown: ['amber', 'Unknown'],
};

/** A row a playbook; what else there is to know of it is opened below it. */
export function PlaybookTable({
    all,
    rows,
    columns,
    open,
}: {
    all: Playbooks;
    rows: PlaybookRow[];
    columns: Column[];
    open: (opened: Opened) => void;
}) {
    const canSet = all.may.includes('set_ceiling');
    return (
        <Table
            stripeRows
            rowExpansion="multi"
            horizontalOverflow="scroll"
            tableStyle={{ tableLayout: 'fixed', width: '100%', minWidth: 900 + columns.length * 150 }}
        >
            <Table.Head>
                <Table.HeadCell>Playbook</Table.HeadCell>
                <Table.HeadCell width={100}>Risk</Table.HeadCell>
                <Table.HeadCell width={130}>Highest mode</Table.HeadCell>
                <Table.HeadCell width={canSet ? 190 : 145}>Own limit</Table.HeadCell>
                <Table.HeadCell width={110}>Detections</Table.HeadCell>
                {columns.map((column) => (
                    <Table.HeadCell key={column.account} width={150}>
                        {column.account}
                    </Table.HeadCell>
                ))}
            </Table.Head>
            <Table.Body>
                {rows.map((row) => (
                    <Table.Row
                        key={row.playbook}
                        data-playbook={row.playbook}
                        expansionRow={
                            <Table.Row key={`more-${row.playbook}`}>
                                <Table.Cell colSpan={6 + columns.length}>
                                    <More row={row} columns={columns} />
                                </Table.Cell>
                            </Table.Row>
                        }
                    >
                        <Table.Cell>
                            <div>
                                {row.title}
                                <br />
                                <Muted>{row.does}</Muted>
                            </div>
                        </Table.Cell>
                        <Table.Cell>
                            <Severity level={row.risk} />
                        </Table.Cell>
                        <Table.Cell>
                            <Code>{row.mode}</Code>
                        </Table.Cell>
                        <Table.Cell>
                            <div style={{ display: 'flex', justifyContent: 'space-between', gap: 8 }}>
                                <span>{row.ceiling ? <Code>{row.ceiling}</Code> : '–'}</span>
                                {canSet && (
                                    <Button
                                        aria-label={`Change the limit: ${row.title}`}
                                        label="Change"
                                        onClick={(event) =>
                                            open({
                                                kind: 'ceiling',
                                                all,
                                                row,
                                                opener: event.currentTarget as HTMLElement,
                                            })
                                        }
                                    />
                                )}
                            </div>
                        </Table.Cell>
                        <Table.Cell>{row.detections.length || '–'}</Table.Cell>
                        {columns.map((column) => (
                            <Table.Cell key={column.account}>
                                <Permission cell={cellOf(column.cells, row.playbook)} />
                            </Table.Cell>
                        ))}
                    </Table.Row>
                ))}
            </Table.Body>
        </Table>
    );
}

function Permission({ cell }: { cell: Readiness | undefined }) {
    if (!cell) return <span>–</span>;
    const [level, text] = READY[cell.status] ?? ['amber', cell.status];
    return (
        <div>
            <Level level={level} text={text} />
            {cell.mode && (
                <div>
                    <Muted>to {cell.mode}</Muted>
                </div>
            )}
        </div>
    );
}

function More({ row, columns }: { row: PlaybookRow; columns: Column[] }) {
    return (
        <Facts>
            <dt>Name in alerts</dt>
            <dd>
                <Code>{row.playbook}</Code>
            </dd>
            <dt>Acts on</dt>
            <dd>{row.accepts.join(', ') || 'any resource that the finding names'}</dd>
            <dt>What may break</dt>
            <dd>{row.risk_note}</dd>
            <dt>Undo</dt>
            <dd>{row.undoable ? row.undo_note : 'cannot be undone'}</dd>
            {row.settings.length > 0 && (
                <>
                    <dt>By the Safety tab</dt>
                    <dd>{row.settings.join('; ')}</dd>
                </>
            )}
            {!row.own && (
                <>
                    <dt>Its page</dt>
                    <dd>
                        <HelpLink page="playbooks" part={row.playbook} label="What it does, needs and risks" />
                    </dd>
                </>
            )}
            <dt>Recommended by</dt>
            <dd>{row.detections.join('; ') || 'no detection; an alert can choose it'}</dd>
            {columns.map((column) => {
                const cell = cellOf(column.cells, row.playbook);
                if (!cell || (cell.missing.length === 0 && !cell.note)) return null;
                return [
                    <dt key={`dt-${column.account}`}>Permissions in {column.account}</dt>,
                    <dd key={`dd-${column.account}`}>
                        {cell.missing.length > 0 && <>Missing: {cell.missing.join(', ')}. </>}
                        {cell.note}
                    </dd>,
                ];
            })}
        </Facts>
    );
}
