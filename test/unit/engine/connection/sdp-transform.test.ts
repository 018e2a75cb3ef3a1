import { describe, expect, it, vi } from 'vitest';
import { SdpTransform } from '../../../../src/engine/connection/sdp-transform';

function makeTransform() {
  const post = vi.fn();
  return { transform: new SdpTransform({ post }), post };
}

describe('SdpTransform', () => {
  it('posts the description to the page and resolves with the page’s first result', async () => {
    const { transform, post } = makeTransform();
    const asked = transform.ask('own');
    expect(post.mock.calls).toEqual([[{ type: 'connection.sdp', sdp: 'own' }]]);
    expect(transform.isPending).toBe(true);
    transform.settle('transformed');
    transform.settle('again');
    expect(await asked).toBe('transformed');
    expect(transform.isPending).toBe(false);
  });

  it('ignores a result that nobody asked for', async () => {
    const { transform } = makeTransform();
    transform.settle('unasked');
    const asked = transform.ask('own');
    transform.settle('transformed');
    expect(await asked).toBe('transformed');
  });

  it('rejects a description that the page has not returned when it closes', async () => {
    const { transform } = makeTransform();
    const asked = transform.ask('own');
    transform.close();
    transform.close();
    transform.settle('late');
    await expect(asked).rejects.toThrow('has closed');
    expect(transform.isPending).toBe(false);
  });

  it('asks the page nothing once it is closed', async () => {
    const { transform, post } = makeTransform();
    transform.close();
    await expect(transform.ask('own')).rejects.toThrow('has closed');
    expect(post).not.toHaveBeenCalled();
  });
});
