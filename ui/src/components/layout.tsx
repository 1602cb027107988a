/** How parts of a page are arranged, in Splunk's spacing and colors. */
import variables from '@splunk/themes/variables';
import styled from 'styled-components';

export const Frame = styled.main`
    box-sizing: border-box;
    min-height: 100vh;
    padding: 20px 24px 48px;
    background-color: ${variables.backgroundColorPage};
    color: ${variables.contentColorActive};
    font-family: ${variables.fontFamily};
    font-size: ${variables.fontSize};
    line-height: ${variables.lineHeight};
`;

/** Parts beside each other, on the next line where there is no room. */
export const Row = styled.div`
    display: flex;
    flex-wrap: wrap;
    gap: 8px 12px;
    align-items: center;
`;

export const Spread = styled(Row)`
    justify-content: space-between;
    margin-bottom: 16px;
`;

/** A case's page: what is decided on the left, what is known on the right; below each other on a narrow screen. */
export const Columns = styled.div`
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
    align-items: start;
    @media (min-width: 1200px) {
        grid-template-columns: minmax(0, 5fr) minmax(340px, 3fr);
    }
`;

export const Stack = styled.div`
    display: flex;
    flex-direction: column;
    gap: 16px;
    min-width: 0;
`;

export const Panel = styled.section`
    box-sizing: border-box;
    min-width: 0;
    padding: 16px 20px;
    border: 1px solid ${variables.borderColor};
    border-radius: ${variables.borderRadius};
    background-color: ${variables.backgroundColorSection};
    h2,
    h3 {
        margin: 0 0 12px;
    }
`;

/** Texts of events, as they are: in one width, and broken where they are too long. */
export const Code = styled.code`
    font-family: ${variables.monoFontFamily};
    font-size: 0.95em;
    overflow-wrap: anywhere;
`;

/** Splunk's own muted color has too little contrast for texts that people need. */
export const Muted = styled.span`
    color: ${variables.contentColorDefault};
    overflow-wrap: anywhere;
`;

export const Strong = styled.strong`
    color: ${variables.contentColorActive};
    font-weight: ${variables.fontWeightSemiBold};
`;

export const Facts = styled.dl`
    display: grid;
    grid-template-columns: minmax(110px, max-content) minmax(0, 1fr);
    gap: 6px 16px;
    margin: 0;
    dt {
        color: ${variables.contentColorDefault};
    }
    dd {
        color: ${variables.contentColorActive};
    }
    dd {
        margin: 0;
        overflow-wrap: anywhere;
    }
`;
