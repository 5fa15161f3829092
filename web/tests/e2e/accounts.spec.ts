import { enter, expect, owner, test } from './house'

test('an account is added, its password is shown once, and it waits for a second person', async ({
  page,
  mock,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await enter(page, mock, '/people')
  await page.getByRole('button', { name: 'Add an account' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Full name').fill('Ning')
  await dialog.getByLabel('Name', { exact: true }).fill('ning')
  await dialog.getByRole('radio', { name: /^Finance/ }).check()
  await expect(dialog.getByLabel('Merchant number')).toHaveCount(0)
  await dialog.getByRole('radio', { name: /^Cashier/ }).check()
  await dialog.getByLabel('Merchant number').fill('898110253110001')
  await dialog.getByLabel('Reason').fill('new at\nthe till')
  await dialog.getByRole('button', { name: 'Add an account' }).click()
  await expect(dialog).toBeHidden()

  await expect(page.getByText('It is not shown again: note it now.')).toBeVisible()
  await expect(page.getByText('It holds only when a second person has approved.')).toBeVisible()
  await page.getByRole('button', { name: 'Copy' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('first-pass-word')
  await expect(page.getByRole('cell', { name: 'ning' })).toHaveCount(0)

  await page.getByRole('link', { name: 'See what waits' }).click()
  await expect(
    page.getByRole('heading', { name: 'New account: Cashier of 898110253110001 · ning' }),
  ).toBeVisible()
  await expect(page.getByText('new at the till')).toBeVisible()
})

test('what a second person approves stands in the list, in both languages', async ({ page, mock }) => {
  await enter(page, mock, '/people', 'zh')
  await page.getByRole('button', { name: '启用 tao' }).click()
  await page.getByRole('dialog').getByLabel('理由').fill('回店上班')
  await page.getByRole('dialog').getByRole('button', { name: '启用' }).click()
  await expect(page.getByText('tao 尚未启用')).toBeVisible()
  await expect(page.getByRole('button', { name: '启用 tao' })).toBeVisible()

  mock.api.proposals.forEach((each) => (each.may_approve = each.about === 'tao'))
  await page.getByRole('link', { name: '查看待复核事项' }).click()
  await expect(page.getByRole('heading', { name: '启用账户 · tao' })).toBeVisible()
  await page.getByRole('button', { name: /^同意/ }).click()
  await page.getByRole('dialog').getByLabel('理由').fill('已当面确认')
  await page.getByRole('dialog').getByRole('button', { name: '同意' }).click()
  await expect(page.getByRole('heading', { name: '启用账户 · tao' })).toHaveCount(0)
  await page.getByRole('navigation').getByRole('link', { name: '账户', exact: true }).click()
  await expect(page.getByRole('button', { name: '停用 tao' })).toBeVisible()
})

test('an account is disabled at once, and nobody shuts himself out', async ({ page, mock }) => {
  await enter(page, mock, '/people')
  await page.getByRole('button', { name: 'Disable mei' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Disable' }).click()
  await expect(dialog.getByText('Say why (at least 4 characters)')).toBeVisible()
  await dialog.getByLabel('Reason').fill('left the shop')
  await dialog.getByRole('button', { name: 'Disable' }).click()
  await expect(page.getByRole('button', { name: 'Enable mei' })).toBeVisible()
  await expect(page.getByRole('button', { name: /(Disable|Reset the password of) lin/ })).toHaveCount(0)
})

test('a new first password stays until somebody has it, whatever else is done', async ({ page, mock }) => {
  await enter(page, mock, '/people')
  await page.getByRole('button', { name: 'Reset the password of zhao' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('lost the telephone')
  await page.getByRole('dialog').getByRole('button', { name: 'Reset password' }).click()
  await expect(page.getByText('another-pass-word')).toBeVisible()
  await page.getByRole('button', { name: 'Disable mei' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('another-pass-word')).toBeVisible()
  await page.getByRole('button', { name: 'I have it' }).click()
  await expect(page.getByText('another-pass-word')).toHaveCount(0)
})

test('a name that is taken is refused in the dialog', async ({ page, mock }) => {
  await enter(page, mock, '/people')
  await page.getByRole('button', { name: 'Add an account' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Full name').fill('Another Mei')
  await dialog.getByLabel('Name', { exact: true }).fill('mei')
  await dialog.getByRole('radio', { name: /^Risk/ }).check()
  await dialog.getByLabel('Reason').fill('new in the team')
  await dialog.getByRole('button', { name: 'Add an account' }).click()
  await expect(dialog.getByRole('alert')).toContainText('there is an account `mei` already')
})

test('accounts come in pages, and an owner finds his cashiers behind those of others', async ({
  page,
  mock,
}) => {
  mock.api.people.page = 4
  await enter(page, mock, '/people')
  await expect(page.getByRole('row')).toHaveCount(5)
  await page.getByRole('button', { name: 'Show more' }).click()
  await expect(page.getByRole('row')).toHaveCount(8)
  await expect(page.getByRole('button', { name: 'Show more' })).toHaveCount(0)

  mock.api.people.page = 1
  mock.api.session = owner(mock.api.session)
  await enter(page, mock, '/merchant')
  const staff = page.getByRole('region', { name: 'Staff' })
  await expect(staff.getByRole('cell', { name: 'mei', exact: true })).toBeVisible()
  await staff.getByRole('button', { name: 'Show more' }).click()
  await expect(staff.getByRole('cell', { name: 'tao', exact: true })).toBeVisible()
})

test('a key is made, shown once, and revoked for good', async ({ page, mock }) => {
  await enter(page, mock, '/keys')
  await page.getByRole('button', { name: 'Make a key' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('For', { exact: true }).fill('monthly report')
  await dialog.getByLabel('Good for days').fill('733')
  await dialog.getByRole('button', { name: 'Make a key' }).click()
  await expect(dialog.getByText('1 to 732 days')).toBeVisible()
  await dialog.getByLabel('Good for days').fill('30')
  await expect(dialog.getByText(/^Good until \d{4}-/)).toBeVisible()
  await dialog.getByRole('button', { name: 'Make a key' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('hefu_n3wk3yaa_the-secret-of-the-key')).toBeVisible()
  await expect(page.getByText('It is not shown again: note it now.')).toBeVisible()
  await page.getByRole('button', { name: 'I have it' }).click()
  await expect(page.getByText('hefu_n3wk3yaa_the-secret-of-the-key')).toHaveCount(0)

  await page.getByRole('button', { name: 'Revoke the key: monthly report' }).click()
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
  await expect(page.getByRole('row', { name: /monthly report.*Revoked/ })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Revoke the key: monthly report' })).toHaveCount(0)
})

test('a key has the own role or looks only', async ({ page, mock }) => {
  await enter(page, mock, '/keys')
  await page.getByRole('button', { name: 'Make a key' }).click()
  const roles = page.getByRole('dialog').getByRole('radio')
  await expect(roles).toHaveCount(2)
  await expect(page.getByRole('dialog').getByRole('radio', { name: /^Operator/ })).not.toBeChecked()
  await expect(page.getByRole('dialog').getByRole('radio', { name: /^Auditor/ })).toBeChecked()
})
