/** What a browser would send along, and somebody who wants to be found. */
export const identity = {
  'User-Agent': 'TellTaleBrowser/7.7 (of somebody)',
  'CF-Connecting-IP': '203.0.113.177',
  'X-Forwarded-For': '203.0.113.177, 198.51.100.188',
  Referer: 'https://tell-tale.example/where?from=here',
  'Accept-Language': 'mi-NZ-telltale',
  Cookie: 'sid=TellTaleCookieTellTaleCookieTellTaleCookie',
  Authorization: 'Bearer plk_telltale_TellTaleKeyTellTaleKeyTellTaleKeyTellTaleKey',
}
