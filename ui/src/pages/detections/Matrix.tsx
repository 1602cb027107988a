import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import RadioBar from '@splunk/react-ui/RadioBar';
import Table from '@splunk/react-ui/Table';
import variables from '@splunk/themes/variables';
import styled from 'styled-components';

import type { Detections } from '../../api/answers';
import { Muted, Panel, Row, Spread } from '../../components/layout';
import { addressWith } from '../../live/useAddress';
import type { Go } from './Overview';
import { matrix, type MatrixCell } from './rows';

const Scroller = styled.div`
    overflow-x: auto;
`;
const Columns = styled.div`
    display: grid;
    grid-template-columns: repeat(13, minmax(124px, 1fr));
    gap: 8px;
    align-items: start;
    min-width: 1700px;
    @media (min-width: 1900px) {
        min-width: 0;
    }
`;
const Column = styled.div`
    display: flex;
    flex-direction: column;
    gap: 6px;
    h3 {
        min-height: 2.6em;
        margin: 0;
    }
`;
/** Filled as far as its detections are on; the numbers say the same. */
const Cell = styled.a<{ $share: number }>`
    display: block;
    padding: 6px 8px;
    border: 1px solid ${variables.borderColor};
    border-left: 4px solid ${({ $share }) => ($share > 0 ? variables.accentColorPositive : variables.borderColor)};
    border-radius: ${variables.borderRadius};
    background: ${({ $share }) =>
        `linear-gradient(to right, color-mix(in srgb, currentColor 14%, transparent) ${$share * 100}%, transparent ${$share * 100}%)`};
    color: ${variables.contentColorActive};
    text-decoration: none;
    overflow-wrap: anywhere;
    &:hover,
    &:focus-visible {
        outline: 2px solid ${variables.focusColor};
    }
`;

/** ATT&CK as a picture, or the same as a table: which techniques the detections cover, and which of them are on. */
export function Matrix({ all, address, go }: { all: Detections; address: URLSearchParams; go: Go }) {
    const asTable = address.get('as') === 'table';
    const columns = matrix(all);
    const to = (changes: Record<string, string>) => addressWith(address.toString(), { view: '', as: '', ...changes });
    return (
        <Panel aria-label="ATT&CK">
            <Spread>
                <Heading level={2}>Techniques of ATT&amp;CK</Heading>
                <Row>
                    <Muted>A technique is filled as far as its detections are on: 2 of 5. Click one to see them.</Muted>
                    <RadioBar
                        aria-label="Form"
                        value={asTable ? 'table' : ''}
                        onChange={(_, { value }) => go({ as: String(value) })}
                    >
                        <RadioBar.Option value="" label="Picture" />
                        <RadioBar.Option value="table" label="As a table" />
                    </RadioBar>
                </Row>
            </Spread>
            {asTable ? (
                <Table stripeRows>
                    <Table.Head>
                        <Table.HeadCell>Tactic</Table.HeadCell>
                        <Table.HeadCell>Technique</Table.HeadCell>
                        <Table.HeadCell>Detections on</Table.HeadCell>
                        <Table.HeadCell>Detections</Table.HeadCell>
                    </Table.Head>
                    <Table.Body>
                        {columns.flatMap((column) =>
                            column.cells.map((cell) => (
                                <Table.Row key={`${column.tactic} ${cell.technique}`}>
                                    <Table.Cell>{column.tactic}</Table.Cell>
                                    <Table.Cell>
                                        <Link to={to({ tactic: column.tactic, technique: cell.technique })}>
                                            {named(cell)}
                                        </Link>
                                    </Table.Cell>
                                    <Table.Cell align="right">{cell.on}</Table.Cell>
                                    <Table.Cell align="right">{cell.all}</Table.Cell>
                                </Table.Row>
                            ))
                        )}
                    </Table.Body>
                </Table>
            ) : (
                <Scroller tabIndex={0} role="group" aria-label="Matrix of tactics and techniques">
                    <Columns>
                        {columns.map((column) => (
                            <Column key={column.tactic} data-tactic={column.tactic}>
                                <Heading level={3}>{column.tactic}</Heading>
                                <Muted>
                                    {column.on} of {column.all} on
                                </Muted>
                                {column.cells.map((cell) => (
                                    <Cell
                                        key={cell.technique}
                                        href={to({ tactic: column.tactic, technique: cell.technique })}
                                        data-technique={cell.technique}
                                        $share={cell.on / cell.all}
                                    >
                                        {cell.name}
                                        <br />
                                        <Muted>
                                            {cell.name !== cell.technique && `${cell.technique}: `}
                                            {cell.on} of {cell.all}
                                        </Muted>
                                    </Cell>
                                ))}
                            </Column>
                        ))}
                    </Columns>
                </Scroller>
            )}
        </Panel>
    );
}

function named(cell: MatrixCell): string {
    return cell.name === cell.technique ? cell.technique : `${cell.technique} ${cell.name}`;
}
