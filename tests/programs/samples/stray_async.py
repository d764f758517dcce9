"""As stray_url.py, with an asyncio engine."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    engine = create_async_engine("sqlite+aiosqlite:///file:db3?mode=memory&cache=shared")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE t (a)"))
    await engine.dispose()


asyncio.run(main())
