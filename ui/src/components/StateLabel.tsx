import variables from '@splunk/themes/variables';
import styled from 'styled-components';

import type { CaseState } from '../api/answers';

const COLORS: Record<string, string> = {
    error: 'error',
    warning: 'warning',
    success: 'success',
};
const Label = styled.span<{ $kind: string }>`
    display: inline-block;
    padding-left: 8px;
    border-left: 3px solid;
    border-color: ${variables.contentColorMuted};
    overflow-wrap: anywhere;
    &[data-kind='error'] {
        border-color: ${variables.accentColorAlert};
    }
    &[data-kind='warning'] {
        border-color: ${variables.accentColorWarning};
    }
    &[data-kind='success'] {
        border-color: ${variables.accentColorPositive};
    }
`;

/** How a case stands, and how many of its tasks need somebody. */
export function StateLabel({ state }: { state: CaseState }) {
    const also: string[] = [];
    if (state.approvals > 0 && state.status !== 'waiting') also.push(`${state.approvals} waiting for approval`);
    if (state.attention > 0) also.push(`${state.attention} ${state.attention === 1 ? 'task needs' : 'tasks need'} attention`);
    return (
        <Label $kind={state.kind} data-kind={COLORS[state.kind] ?? 'info'}>
            {state.text}
            {also.length > 0 && `; ${also.join(', ')}`}
        </Label>
    );
}
