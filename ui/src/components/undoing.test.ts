import { expect, it } from 'vitest';

import { whatItPutsBack } from './undoing';

it('says that all is as it was only where that was seen', () => {
    expect(whatItPutsBack({ changes: [], left: '', refused: '' })).toContain('is as it was before');
    expect(whatItPutsBack({ changes: [], left: '', refused: 'The kill switch is on.' })).toBe('');
    expect(whatItPutsBack({ changes: [], left: 'One stays.', refused: '' })).toBe('Nothing can be put back in AWS now.');
});
