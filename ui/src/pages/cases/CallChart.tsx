import variables from '@splunk/themes/variables';
import styled from 'styled-components';

import type { ActorView } from '../../api/answers';
import { Row } from '../../components/layout';
import { absolute, duration } from '../../live/times';
import { barsOf, HEIGHT, KINDS, MARK, stepsOf, WIDTH } from './bars';

const Picture = styled.svg`
    display: block;
    width: 100%;
    /* Its texts grow with it. */
    max-width: 1500px;
    height: auto;
    text {
        fill: ${variables.contentColorDefault};
        font-family: ${variables.fontFamily};
        font-size: 11px;
    }
`;
const COLORS: Record<string, string> = {
    reads: variables.contentColorMuted as unknown as string,
    changes: variables.accentColorWarning as unknown as string,
    denied: variables.accentColorAlert as unknown as string,
    ours: variables.accentColorPositive as unknown as string,
};
const Bar = styled.rect<{ $kind: string }>`
    fill: ${({ $kind }) => COLORS[$kind]};
`;
const Mark = styled.path<{ $kind: string }>`
    fill: ${({ $kind }) => COLORS[$kind]};
`;
const Line = styled.line`
    stroke: ${variables.borderColor};
`;
const Sample = styled.span<{ $kind: string }>`
    display: inline-block;
    width: 12px;
    height: 12px;
    margin-right: 6px;
    background-color: ${({ $kind }) => COLORS[$kind]};
`;

/** The actor's calls over time as bars, and what the app changed as marks above them. A table says the same. */
export function CallChart({ view }: { view: ActorView }) {
    const { bars, most } = barsOf(view.slots);
    const steps = stepsOf(view);
    const width = (view.until - view.since) / Math.max(1, view.slots.length);
    return (
        <figure style={{ margin: 0 }}>
            <Picture viewBox={`0 0 ${WIDTH} ${HEIGHT.whole}`} role="img" aria-label={summary(view)}>
                <text x={0} y={12}>
                    Up to {most} {most === 1 ? 'call' : 'calls'} in {duration(width)}
                </text>
                <Line x1={0} x2={WIDTH} y1={HEIGHT.base} y2={HEIGHT.base} />
                {bars.map(({ kind, slot, ...place }) => (
                    <Bar key={`${kind}-${place.x}`} $kind={kind} {...place}>
                        <title>{`${absolute(slot.since)}: ${slot.names.join(', ')}`}</title>
                    </Bar>
                ))}
                {steps.map(({ x, step }, number) => (
                    <Mark key={number} $kind="ours" d={`M ${x - MARK} 18 h ${2 * MARK} l ${-MARK} 9 z`}>
                        <title>{`${absolute(step.at)}: ${step.call} by CloudTrail Responder`}</title>
                    </Mark>
                ))}
                <text x={0} y={HEIGHT.whole - 4}>
                    {absolute(view.since)}
                </text>
                <text x={WIDTH} y={HEIGHT.whole - 4} textAnchor="end">
                    {absolute(view.until)}
                </text>
            </Picture>
            <figcaption>
                <Row>
                    {KINDS.map(([kind, label]) => (
                        <span key={kind}>
                            <Sample $kind={kind} aria-hidden />
                            {label}
                        </span>
                    ))}
                </Row>
            </figcaption>
        </figure>
    );
}

function summary({ slots, steps }: ActorView): string {
    const sum = (of: (slot: ActorView['slots'][number]) => number) => slots.reduce((all, slot) => all + of(slot), 0);
    const said = [
        `${sum(({ changes }) => changes)} changes`,
        `${sum(({ reads }) => reads)} reads`,
        `${sum(({ denied }) => denied)} denied calls of the actor`,
    ];
    return `${said.join(', ')}, and ${steps.length} changes by CloudTrail Responder, over time. The table below has them.`;
}
